import { expect, test } from 'vitest';
import { clockLabel, hoursOf, rowProblem, windowsLabel, windowsOf } from './hours';

test('times are said as people say them', () => {
  const said = ['00:00', '08:00', '09:05', '12:00', '12:30', '20:00', '23:59', '24:00'].map(clockLabel);
  expect(said).toEqual(['midnight', '8 am', '9:05 am', 'noon', '12:30 pm', '8 pm', '11:59 pm', 'midnight']);
});

test('windows are said in one line, with the days that are closed', () => {
  const texas = windowsOf([
    { weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'], from: '09:00', to: '21:00' },
    { weekdays: ['sunday'], from: '12:00', to: '21:00' },
  ]);
  expect(windowsLabel(texas)).toBe('Mon – Sat 9 am – 9 pm, Sun noon – 9 pm');
  expect(windowsLabel(texas.slice(0, 1))).toBe('Mon – Sat 9 am – 9 pm, closed Sun');
  expect(windowsLabel([])).toBe('Closed always');
});

test('the end of the day survives the form', () => {
  const windows = windowsOf([{ weekdays: ['monday'], from: '09:00', to: '00:00' }]);
  expect(windows).toEqual([{ days: ['monday'], from: '09:00', to: '24:00' }]);
  expect(windowsOf(hoursOf(windows))).toEqual(windows);
});

test('rows that make no sense are named', () => {
  expect(rowProblem({ weekdays: [], from: '09:00', to: '20:00' })).not.toBeNull();
  expect(rowProblem({ weekdays: ['monday'], from: '20:00', to: '09:00' })).not.toBeNull();
  expect(rowProblem({ weekdays: ['monday'], from: '09:00', to: '20:00' })).toBeNull();
});
