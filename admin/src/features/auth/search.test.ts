import { expect, it } from 'vitest';
import { safeReturn } from './search';

it('only leads back into the dashboard', () => {
  expect(safeReturn('/contacts?q=a')).toBe('/contacts?q=a');
  for (const bad of ['//evil.example', 'https://evil.example', '/\\evil.example', '/sign-in', '', undefined, 3]) {
    expect(safeReturn(bad)).toBeUndefined();
  }
});
