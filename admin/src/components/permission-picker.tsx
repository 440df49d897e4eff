import { Checkbox, Stack } from '@mantine/core';
import { api } from '@/api/client';
import { useMe } from '@/api/session';
import type { Permission } from '@/api/types';
import { grouped } from '@/lib/permissions';
import classes from './rows.module.css';
import { ListState } from './states';

type PickerProps = {
  value: readonly Permission[];
  onChange: (value: Permission[]) => void;
  disabled?: boolean;
  error?: string | undefined;
};

/** Everything that can be allowed. What one does not have oneself cannot be given. */
export function PermissionPicker({ value, onChange, disabled, error }: PickerProps) {
  const { permissions: own } = useMe();
  const query = api.useQuery('get', '/api/permissions', {}, { staleTime: Number.POSITIVE_INFINITY });
  const all = query.data?.items ?? [];
  return (
    <ListState query={query} isEmpty={all.length === 0} empty={null}>
      {error && (
        <p role="alert" style={{ color: 'var(--mantine-color-error)', margin: 0, fontSize: '0.8125rem' }}>
          {error}
        </p>
      )}
      <div className={classes.groups}>
        {grouped(all).map(({ title, items }) => (
          <fieldset key={title} className={classes.group}>
            <legend>{title}</legend>
            <Stack gap={8}>
              {items.map(({ permission, meaning }) => (
                <Checkbox
                  key={permission}
                  size="sm"
                  label={meaning}
                  value={permission}
                  checked={value.includes(permission)}
                  disabled={disabled || !own.includes(permission)}
                  onChange={(event) =>
                    onChange(
                      event.currentTarget.checked ? [...value, permission] : value.filter((p) => p !== permission),
                    )
                  }
                />
              ))}
            </Stack>
          </fieldset>
        ))}
      </div>
    </ListState>
  );
}
