import { act, renderHook } from '@testing-library/react';
import { expect, it } from 'vitest';
import { useRowForm } from './row-form';

type Row = { version: number; name: string; seen?: string };

const open = (row: Row | undefined) => {
  const hook = renderHook((live: Row | undefined) => useRowForm(live, (r) => ({ name: r?.name ?? '' })), {
    initialProps: row,
  });
  const now = () => hook.result.current;
  return {
    now,
    type: (name: string) => act(() => now().form.setFieldValue('name', name)),
    refresh: (live: Row) => hook.rerender(live),
    goOn: (from: Row) => act(() => now().goOn(from)),
  };
};

it('keeps what was typed and the version it was typed on', () => {
  const { now, type, refresh } = open({ version: 3, name: 'Ana' });
  type('Anna');
  refresh({ version: 4, name: 'Anne' });
  expect(now().form.values.name).toBe('Anna');
  expect(now().row?.version).toBe(3);
  expect(now().newer?.version).toBe(4);
});

it('goes on from what somebody else made of it, once asked to', () => {
  const { now, type, refresh, goOn } = open({ version: 3, name: 'Ana' });
  type('Anna');
  refresh({ version: 4, name: 'Anne' });
  goOn({ version: 4, name: 'Anne' });
  expect(now().form.values.name).toBe('Anne');
  expect(now().form.isDirty()).toBe(false);
  expect(now().row?.version).toBe(4);
  expect(now().newer).toBeUndefined();
});

it('saves over a newer version whose fields are those it was opened with', () => {
  const { now, type, refresh } = open({ version: 3, name: 'Ana' });
  type('Anna');
  refresh({ version: 4, name: 'Ana', seen: 'today' });
  expect(now().form.values.name).toBe('Anna');
  expect(now().row?.version).toBe(4);
  expect(now().newer).toBeUndefined();
});

it('shows the newest while nothing is typed, and again when what was typed is undone', () => {
  const { now, type, refresh } = open({ version: 3, name: 'Ana' });
  refresh({ version: 4, name: 'Anne' });
  expect(now().form.values.name).toBe('Anne');
  expect(now().row?.version).toBe(4);
  type('Anna');
  refresh({ version: 5, name: 'Annie' });
  expect(now().newer?.version).toBe(5);
  act(() => now().form.reset());
  expect(now().form.values.name).toBe('Annie');
  expect(now().form.isDirty()).toBe(false);
  expect(now().newer).toBeUndefined();
});

it('goes on from what was saved, before and after the page is refreshed', () => {
  const { now, type, refresh, goOn } = open({ version: 3, name: 'Ana' });
  type(' Anna ');
  goOn({ version: 4, name: 'Anna' });
  expect(now().form.values.name).toBe('Anna');
  expect(now().row?.version).toBe(4);
  type('Hanna');
  refresh({ version: 4, name: 'Anna' });
  expect(now().form.values.name).toBe('Hanna');
  expect(now().form.isDirty()).toBe(true);
  expect(now().row?.version).toBe(4);
  expect(now().newer).toBeUndefined();
});

it('fills a form for something new', () => {
  const { now, type } = open(undefined);
  type('Ana');
  expect(now().row).toBeUndefined();
  expect(now().form.values.name).toBe('Ana');
});
