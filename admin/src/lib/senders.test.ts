import { describe, expect, it } from 'vitest';
import { areaText, healthLabel, healthText, lastDay, paceText, senderKind } from './senders';

const health = (tried: number, delivered: number, failed: number) => ({
  tried,
  delivered,
  failed,
  delivery_rate: delivered + failed ? delivered / (delivered + failed) : null,
  error_rate: tried ? failed / tried : null,
});

describe('a sender in words', () => {
  it('says how fast it may send', () => {
    expect(paceText(3.75)).toBe('3.75 segments a second');
    expect(paceText(1)).toBe('1 segment a second');
    expect(paceText(0.25)).toBe('15 segments a minute');
    expect(paceText(null)).toBe('No limit');
    expect(paceText(80, 'whatsapp')).toBe('80 texts a second');
  });

  it('says where it is', () => {
    expect(areaText('US', '415')).toBe('Area code 415, US');
    expect(areaText('GB', null)).toBe('GB, no area');
    expect(areaText(null, undefined)).toBe('No area');
    expect(senderKind('ten_dlc')).toBe('10DLC number');
    expect(senderKind('carrier_pigeon')).toBe('carrier pigeon');
  });

  it('says how it fares', () => {
    expect(healthText(health(0, 0, 0))).toBe('Nothing sent lately.');
    expect(healthText(health(1, 1, 0))).toBe('1 text sent, 1 delivered.');
    expect(healthText(health(1200, 1000, 60))).toBe(
      '1,200 texts sent, 1,000 delivered, 60 failed (5%), 140 not known yet.',
    );
  });

  it('judges only what it has seen enough of', () => {
    expect(healthLabel(health(19, 0, 19)).tone).toBe('neutral');
    expect(healthLabel(health(20, 20, 0)).tone).toBe('good');
    expect(healthLabel(health(100, 94, 6)).tone).toBe('warn');
    expect(healthLabel(health(100, 70, 26)).tone).toBe('bad');
  });
});

describe('the last day', () => {
  it('has every hour, also those without texts', () => {
    const now = Date.parse('2026-11-21T15:40:00Z');
    const hours = [
      { hour: '2026-11-20T15:00:00Z', tried: 9, delivered: 9, failed: 0 },
      { hour: '2026-11-20T16:00:00Z', tried: 1, delivered: 1, failed: 0 },
      { hour: '2026-11-21T15:00:00+00:00', tried: 5, delivered: 3, failed: 1 },
    ];
    const day = lastDay(hours, now);
    expect(day).toHaveLength(24);
    expect(day[0]?.tried).toBe(1);
    expect(day[23]?.tried).toBe(5);
    expect(day.reduce((sum, one) => sum + one.tried, 0)).toBe(6);
  });
});
