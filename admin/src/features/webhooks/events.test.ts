import { describe, expect, it } from 'vitest';
import { eventsSentence, GROUPS, urlProblem } from './events';

describe('events', () => {
  it('are offered once each', () => {
    const values = GROUPS.flatMap((group) => group.events.map((event) => event.value));
    expect(new Set(values).size).toBe(values.length);
    expect(values).not.toContain('ping');
  });

  it('are named while they are few', () => {
    expect(eventsSentence(null)).toBe('All events');
    expect(eventsSentence(['message.received', 'booking.created'])).toBe('message.received, booking.created');
    expect(eventsSentence(['a', 'b', 'c', 'd'])).toBe('4 kinds of events');
  });
});

describe('an address', () => {
  it('is one of the web without credentials', () => {
    expect(urlProblem(' https://example.com/hook ')).toBeNull();
    expect(urlProblem('example.com')).toMatch(/https/);
    expect(urlProblem('ftp://example.com')).toMatch(/https/);
    expect(urlProblem('https://me:secret@example.com')).toMatch(/password/);
  });
});
