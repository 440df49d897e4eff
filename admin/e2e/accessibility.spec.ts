import { check } from './axe';
import { expect, test } from './support';

// Each looks at a whole page four times.
test.slow();

const PAGES = {
  Dashboard: '/admin/',
  Analytics: '/admin/analytics',
  'Analytics by the hour': '/admin/analytics?days=7&by=hour',
  Conversations: '/admin/conversations',
  'Waiting conversations': '/admin/conversations?filter=waiting',
  'Conversations with a person': '/admin/conversations?filter=human',
  'Own conversations': '/admin/conversations?filter=mine',
  'Archived conversations': '/admin/conversations?filter=archived',
  Reports: '/admin/reports',
  'Reports of any state': '/admin/reports?status=any',
  'Team messages': '/admin/team',
  'Messages with the assistant': '/admin/team?with=assistant',
  Simulator: '/admin/simulator',
  Contacts: '/admin/contacts',
  'Archived contacts': '/admin/contacts?shown=archived',
  Segments: '/admin/segments',
  Links: '/admin/links',
  'Likely duplicates': '/admin/contacts/duplicates',
  'Opt-out reviews': '/admin/opt-out-reviews',
  'Decided reviews': '/admin/opt-out-reviews?status=decided',
  'Block list': '/admin/suppressions',
  'Imported lists': '/admin/suppressions?tab=lists',
  'The list of the installation': '/admin/suppressions?tab=installation',
  Disclosures: '/admin/disclosures',
  'WhatsApp templates': '/admin/whatsapp-templates',
  'Quiet hours': '/admin/quiet-hours',
  Appointments: '/admin/appointments',
  'Past appointments': '/admin/appointments?when=past',
  Slots: '/admin/slots',
  'All slots': '/admin/slots?service=all',
  Availability: '/admin/availability',
  Services: '/admin/services',
  Knowledge: '/admin/knowledge',
  Campaigns: '/admin/campaigns',
  'A new campaign': '/admin/campaigns/new',
  Templates: '/admin/templates',
  Assistant: '/admin/assistant',
  Organization: '/admin/organization',
  Staff: '/admin/staff',
  Invitations: '/admin/staff?tab=invitations',
  Roles: '/admin/staff?tab=roles',
  Senders: '/admin/senders',
  'API keys': '/admin/api-keys',
  Webhooks: '/admin/webhooks',
  'Audit log': '/admin/audit',
  'Dead jobs': '/admin/jobs',
  'Done jobs': '/admin/jobs?state=done',
  Organizations: '/admin/organizations',
  'Users of the installation': '/admin/organizations?tab=users',
  Account: '/admin/account',
  Privacy: '/admin/privacy',
  'A page that is not there': '/admin/nowhere',
  'An invitation that is over': '/admin/join/made-up',
};

for (const [name, path] of Object.entries(PAGES)) {
  test(`${name}: no axe violations`, async ({ page }) => {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await check(page);
  });
}
