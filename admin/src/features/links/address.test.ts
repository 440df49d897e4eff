import { expect, it } from 'vitest';
import { domainOf, shortAddress } from './address';

it('an address is on the own domain, or here', () => {
  const settings = { enabled: true, base_url: 'https://go.example.com', version: 1 };
  expect(shortAddress({ code: 'Ab3' }, settings, 'https://desk.example.com')).toBe('https://go.example.com/l/Ab3');
  expect(shortAddress({ code: 'Ab3' }, { ...settings, base_url: null }, 'https://desk.example.com')).toBe(
    'https://desk.example.com/l/Ab3',
  );
});

it('a domain may be typed without its scheme', () => {
  expect(domainOf(' go.example.com/ ')).toBe('https://go.example.com');
  expect(domainOf('http://localhost:8000')).toBe('http://localhost:8000');
  expect(domainOf('  ')).toBeNull();
});
