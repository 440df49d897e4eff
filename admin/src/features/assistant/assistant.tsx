import { Alert } from '@mantine/core';
import { IconAlertTriangle, IconCpu, IconLock, IconSparkles } from '@tabler/icons-react';
import { api } from '@/api/client';
import { useInbox } from '@/api/inbox';
import { useMay } from '@/api/session';
import type { AssistantSettings } from '@/api/types';
import { AnchorLink } from '@/components/links';
import { Card, Page } from '@/components/page';
import { ErrorState, SkeletonRows } from '@/components/states';
import { aiProviderName, modelErrorSentence } from '@/lib/turn';
import classes from './assistant.module.css';
import { ProviderChain } from './provider-chain';
import { SettingsForm } from './settings-form';
import { runningSentence } from './settings-rules';
import { Usage } from './usage';

function HowItWorks({ settings, firstModel }: { settings: AssistantSettings; firstModel: string | undefined }) {
  return (
    <Card title="How texts are understood">
      <div className={classes.how}>
        <section>
          <h3>
            <IconCpu size={18} stroke={1.8} aria-hidden /> Built in, always on
          </h3>
          <p>
            Booking, moving and cancelling, dates and times however they are written, opt-outs, questions your{' '}
            <AnchorLink to="/knowledge" inherit underline="always">
              knowledge
            </AnchorLink>{' '}
            answers, and handing over to a person. It runs on this server, costs nothing and needs no AI.
          </p>
        </section>
        <section>
          <h3>
            <IconSparkles size={18} stroke={1.8} aria-hidden /> With a language model
          </h3>
          <p>
            It is asked only when the built-in understanding is unsure. What it says is a proposal: times, bookings and
            facts are checked before anything is sent. If it fails or the budget is used up, everything goes on without
            it.
          </p>
        </section>
      </div>
      <p className={classes.running} data-testid="assistant-running">
        {runningSentence(settings.ai_enabled, settings.chain, firstModel)}
      </p>
    </Card>
  );
}

export function AssistantPage() {
  const admin = useMay('assistant.manage');
  const alert = useInbox()?.ai_alert;
  const settings = api.useQuery('get', '/api/assistant/settings', {}, { refetchOnWindowFocus: false });
  const providers = api.useQuery('get', '/api/assistant/providers');
  const own = providers.data?.items ?? [];
  const first = settings.data?.chain === 'installation' ? settings.data.installation_chain[0] : own[0];
  return (
    <Page title="Assistant" description="How it understands, what it may spend, and when it keeps quiet.">
      {alert && (
        <Alert
          color="red"
          variant="light"
          icon={<IconAlertTriangle />}
          title="The language models need attention"
          mb="md"
          role="alert"
          data-testid="ai-alert"
        >
          {modelErrorSentence(alert)}
        </Alert>
      )}
      {!admin && (
        <Alert color="gray" variant="light" icon={<IconLock size={18} />} mb="md">
          Only admins may change these settings, because they cost money and concern every conversation.
        </Alert>
      )}
      {settings.error && !settings.data ? (
        <ErrorState error={settings.error} onRetry={() => settings.refetch()} />
      ) : settings.data ? (
        <div className={classes.columns}>
          <div className={classes.column}>
            <HowItWorks
              settings={settings.data}
              firstModel={first && `${first.model} by ${aiProviderName(first.provider)}`}
            />
            <ProviderChain settings={settings.data} query={providers} admin={admin} />
            <Usage />
          </div>
          <Card title="Settings">
            <SettingsForm settings={settings.data} admin={admin} />
          </Card>
        </div>
      ) : (
        <SkeletonRows rows={4} height={120} />
      )}
    </Page>
  );
}
