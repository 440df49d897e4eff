import { Table } from '@mantine/core';
import type { DryRun } from '@/api/types';
import { money } from '@/lib/money';
import { formatCalendarDay } from '@/lib/time';
import classes from './campaigns.module.css';
import { reasonWords } from './words';

/** "2026-11-22 08:00" as "Sun, Nov 22, 8 AM". */
function hourWords(local: string): string {
  const [day = '', time = ''] = local.split(' ');
  const hour = Number(time.slice(0, 2));
  const date = formatCalendarDay(day, { weekday: 'short', month: 'short', day: 'numeric' });
  return `${date}, ${hour % 12 === 0 ? 12 : hour % 12} ${hour < 12 ? 'AM' : 'PM'}`;
}

const city = (zone: string): string => zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone;

const SHOWN = 12;

/** What would become of everybody: when those are texted who wait, and why others never are. */
export function DryRunResult({ run }: { run: DryRun }) {
  const { later, never, cost } = run;
  const rest = later.slice(SHOWN).reduce((sum, group) => sum + group.targets, 0);
  return (
    <div data-testid="dry-run">
      <p className={classes.sentence} data-testid="dry-run-sentence">
        {run.sentence}
      </p>
      <dl className={classes.plan}>
        <dt>Audience</dt>
        <dd>{run.audience.toLocaleString('en-US')}</dd>
        <dt>At once</dt>
        <dd data-testid="dry-run-now">{run.now.toLocaleString('en-US')}</dd>
        <dt>First texts</dt>
        <dd>
          {run.segments.toLocaleString('en-US')} {run.segments === 1 ? 'segment' : 'segments'}
          {cost ? `, about ${money(cost.amount, cost.currency)}` : ', cost not known: no prices were given'}
        </dd>
      </dl>
      {later.length > 0 && (
        <Table mt="md" aria-label="Later" verticalSpacing={5} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Later, on their clock</Table.Th>
              <Table.Th scope="col">Wait for</Table.Th>
              <Table.Th scope="col" ta="right">
                Contacts
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {later.slice(0, SHOWN).map((group) => (
              <Table.Tr key={`${group.local} ${group.timezone} ${group.reason}`}>
                <Table.Td>
                  {hourWords(group.local)} <span className={classes.faint}>{city(group.timezone)}</span>
                </Table.Td>
                <Table.Td title={group.sentence ?? undefined}>{reasonWords(group.reason)}</Table.Td>
                <Table.Td ta="right">{group.targets.toLocaleString('en-US')}</Table.Td>
              </Table.Tr>
            ))}
            {rest > 0 && (
              <Table.Tr>
                <Table.Td colSpan={2}>Still later</Table.Td>
                <Table.Td ta="right">{rest.toLocaleString('en-US')}</Table.Td>
              </Table.Tr>
            )}
          </Table.Tbody>
        </Table>
      )}
      {never.length > 0 && (
        <Table mt="md" aria-label="Never" verticalSpacing={5} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Never, because</Table.Th>
              <Table.Th scope="col" ta="right">
                Contacts
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {never.map((group) => (
              <Table.Tr key={group.reason}>
                <Table.Td>
                  {reasonWords(group.reason)}
                  {group.sentence && <span className={classes.example}>{group.sentence}</span>}
                </Table.Td>
                <Table.Td ta="right">{group.targets.toLocaleString('en-US')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}
