import { Select } from '@mantine/core';
import { api } from '@/api/client';

const ACTIVE = { params: { query: { limit: 200, active: true } } };

type Props = {
  value: string | null;
  onChange: (id: string | null) => void;
  disabled?: boolean;
  required?: boolean;
  placeholder?: string;
  clearable?: boolean;
};

/** An active service. */
export function ServiceSelect(props: Props) {
  const query = api.useQuery('get', '/api/services', ACTIVE, { staleTime: 30_000 });
  const data = (query.data?.items ?? []).map((s) => ({ value: s.id, label: s.name }));
  return <Select label="Service" data={data} searchable allowDeselect={false} {...props} />;
}

/** An active provider. */
export function ProviderSelect(props: Props) {
  const query = api.useQuery('get', '/api/providers', ACTIVE, { staleTime: 30_000 });
  const data = (query.data?.items ?? []).map((p) => ({ value: p.id, label: p.name }));
  return <Select label="Provider" data={data} searchable allowDeselect={false} {...props} />;
}
