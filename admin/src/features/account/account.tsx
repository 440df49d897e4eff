import { Stack } from '@mantine/core';
import { useMe } from '@/api/session';
import { Card, Page } from '@/components/page';
import { EmptyState } from '@/components/states';
import { Devices } from './devices';
import { PasswordForm } from './password-form';
import { ProfileForm } from './profile-form';
import { SecondFactor } from './second-factor';

export function AccountPage() {
  const { user } = useMe();
  return (
    <Page title="Your account" description={user ? `Signed in as ${user.username}` : undefined}>
      {user ? (
        <Stack gap="lg" maw={760}>
          <Card title="About you">
            <ProfileForm live={user} />
          </Card>
          <Card title="Second factor">
            <SecondFactor user={user} />
          </Card>
          <Card title="Password">
            <PasswordForm username={user.username} />
          </Card>
          <Devices />
        </Stack>
      ) : (
        <EmptyState title="A key has no account" />
      )}
    </Page>
  );
}
