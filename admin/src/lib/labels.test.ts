import { describe, expect, it } from 'vitest';
import { claimsTime, conversationState, deliveryText, inDeliveryOrder, messageStatus, ticksFor } from './labels';

describe('message status', () => {
  it('has a tick for each step', () => {
    expect(['queued', 'sending', 'sent', 'delivered', 'read'].map(ticksFor)).toEqual([
      'waiting',
      'waiting',
      'one',
      'two',
      'read',
    ]);
    expect(['failed', 'undelivered', 'canceled'].map(ticksFor)).toEqual(['failed', 'failed', 'failed']);
  });

  it('names the code and the reason of a failure', () => {
    expect(deliveryText({ status: 'undelivered', error_code: '30003', error_message: 'Unreachable destination' })).toBe(
      'Undelivered, code 30003: Unreachable destination',
    );
    expect(deliveryText({ status: 'failed', error_code: '30006', error_message: null })).toBe('Failed, code 30006');
    expect(deliveryText({ status: 'canceled', error_code: 'opted_out' })).toBe('Not sent, opted out');
    expect(deliveryText({ status: 'failed' })).toBe('Failed: It could not be sent.');
    expect(deliveryText({ status: 'delivered', error_code: null })).toBe('Delivered');
  });

  it('shows a status it does not know as itself', () => {
    expect(messageStatus('partially_delivered')).toMatchObject({ label: 'Partially delivered', tone: 'neutral' });
    expect(conversationState('constructor').label).toBe('Constructor');
    expect(ticksFor('partially_delivered')).toBe('waiting');
  });

  it('is listed in the order a text goes through', () => {
    const rows = ['failed', 'delivered', 'odd', 'queued'].map((status) => ({ status }));
    expect(inDeliveryOrder(rows).map((r) => r.status)).toEqual(['queued', 'delivered', 'failed', 'odd']);
  });
});

it('only held and confirmed bookings claim their time', () => {
  const all = ['held', 'confirmed', 'cancelled', 'completed', 'no_show', 'expired'];
  expect(all.filter(claimsTime)).toEqual(['held', 'confirmed']);
});
