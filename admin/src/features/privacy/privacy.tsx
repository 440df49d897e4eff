import { api } from '@/api/client';
import { AnchorLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, SkeletonRows } from '@/components/states';
import classes from './privacy.module.css';
import { RetentionForm } from './retention-form';

function Kept() {
  return (
    <dl className={classes.kept}>
      <div>
        <dt>Consent and its revocation</dt>
        <dd>
          The proof that a text was welcome, or that a wish for none was honoured. Claims can be made years later (four
          years for federal ones in the US, longer elsewhere), so keep it five years at least. It goes when its contact
          is erased.
        </dd>
      </div>
      <div>
        <dt>Opt-outs</dt>
        <dd>
          They do not expire. Of somebody who opted out and was erased, a keyed hash stays: it does not show the number,
          but tells it when it is seen again.
        </dd>
      </div>
      <div>
        <dt>Texts that wait</dt>
        <dd>What is not yet sent or answered is never deleted for its age.</dd>
      </div>
      <div>
        <dt>Contacts and appointments</dt>
        <dd>
          Until somebody erases the contact: on its page, under{' '}
          <AnchorLink to="/contacts" inherit underline="always">
            Contacts
          </AnchorLink>
          .
        </dd>
      </div>
      <div>
        <dt>Outside of here</dt>
        <dd>
          Twilio keeps its own log of texts for up to 400 days, and media until it is deleted there. Backups of the
          database keep older states until they are overwritten.
        </dd>
      </div>
    </dl>
  );
}

export function PrivacyPage() {
  const { data, error, refetch } = api.useQuery('get', '/api/privacy/settings', {}, { refetchOnWindowFocus: false });
  return (
    <Page title="Privacy" description="How long things are kept, and what is kept whatever is set here.">
      <div className={classes.columns}>
        <Card
          title="Retention"
          aside={
            data?.swept_at && (
              <span>
                Last cleared <RelativeTime real value={data.swept_at} />
              </span>
            )
          }
        >
          {data ? (
            <RetentionForm live={data} />
          ) : error ? (
            <ErrorState error={error} onRetry={() => refetch()} title="The settings didn’t load" />
          ) : (
            <SkeletonRows rows={4} />
          )}
        </Card>
        <Card title="What is kept, and why">
          <Kept />
        </Card>
      </div>
    </Page>
  );
}
