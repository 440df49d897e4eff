import { Alert } from '@mantine/core';
import { api } from '@/api/client';
import type { Contact } from '@/api/types';
import { OptInBadge } from '@/components/badges';
import { AnchorLink } from '@/components/links';
import { Card } from '@/components/page';
import { Row, Rows } from '@/components/rows';
import { formatPhone, personName } from '@/lib/phone';

/** Says whose number this is, where the contact was merged into another. */
export function MergedInto({ contactId }: { contactId: string }) {
  const { data } = api.useQuery('get', '/api/contacts/{id}', { params: { path: { id: contactId } } });
  return (
    <Alert color="gray" variant="light" mb="md">
      This is another number of{' '}
      <AnchorLink to="/contacts/$contactId" params={{ contactId }} inherit>
        {data ? personName(data) : 'a contact'}
      </AnchorLink>
      . What was said with it, and consent for it, stays here and is shown there too.
    </Alert>
  );
}

/** The numbers of contacts that were merged into this one. */
export function OtherNumbers({ contact }: { contact: Contact }) {
  const { data } = api.useQuery('get', '/api/contacts', {
    params: { query: { merged_into: contact.id, limit: 50 } },
  });
  if (!data?.items.length) return null;
  return (
    <Card title="Other numbers" flush>
      <Rows label="Other numbers">
        {data.items.map((other) => (
          <Row
            key={other.id}
            data-testid="other-number"
            title={
              <AnchorLink to="/contacts/$contactId" params={{ contactId: other.id }} inherit>
                {formatPhone(other.phone_number)}
              </AnchorLink>
            }
            facts="With a consent of its own"
            end={<OptInBadge value={other.opt_in_status} />}
          />
        ))}
      </Rows>
    </Card>
  );
}
