import { api } from '@/api/client';
import { useMay } from '@/api/session';
import type { CampaignAudience } from '@/api/types';
import { chosenOf, readList } from './drafts';
import { people } from './words';

export const SEGMENTS = { params: { query: { limit: 200 } } } as const;

function SegmentName({ id }: { id: string }) {
  const sees = useMay('contacts.read');
  const { data } = api.useQuery('get', '/api/segments', SEGMENTS, { staleTime: 60_000, enabled: sees });
  const name = data?.items.find((segment) => segment.id === id)?.name;
  return name ? `segment “${name}”` : 'a segment';
}

/** Whom a campaign is for, in a few words. */
export function AudienceWords({ audience }: { audience: CampaignAudience | null | undefined }) {
  const { whom, segmentId, tags, listed } = chosenOf(audience);
  switch (whom) {
    case 'nobody':
      return 'for nobody yet';
    case 'everybody':
      return 'for everybody';
    case 'segment':
      return (
        <>
          for <SegmentName id={segmentId ?? ''} />
        </>
      );
    case 'tags':
      return `for who is tagged ${tags.join(' or ')}`;
    case 'listed': {
      const { ids, numbers } = readList(listed);
      return `for a list of ${people(ids.length + numbers.length)}`;
    }
    case 'import':
      return 'for who was in a file';
    default:
      return 'for who meets its conditions';
  }
}
