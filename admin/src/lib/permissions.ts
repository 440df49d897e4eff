/** `contacts.read` belongs to Contacts. */
const TITLES: Record<string, string> = {
  analytics: 'Figures',
  api_keys: 'API keys',
  audit: 'Audit log',
  booking: 'Calendar',
  catalog: 'Calendar',
  knowledge: 'Assistant',
  messages: 'Conversations',
  users: 'Staff',
  jobs: 'Background work',
};

export type Group<T> = { title: string; items: T[] };

export function groupTitle(permission: string): string {
  const [area = ''] = permission.split('.');
  return TITLES[area] ?? area.charAt(0).toUpperCase() + area.slice(1).replaceAll('_', ' ');
}

/** What belongs together, in the order the server lists it. */
export function grouped<T extends { permission: string }>(items: readonly T[]): Group<T>[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const title = groupTitle(item.permission);
    groups.set(title, [...(groups.get(title) ?? []), item]);
  }
  return [...groups].map(([title, members]) => ({ title, items: members }));
}
