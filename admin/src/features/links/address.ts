import type { Link, LinkSettings } from '@/api/types';

/** The address of a short link, on the business's own domain or else where this page is from. */
export const shortAddress = (link: Pick<Link, 'code'>, settings: LinkSettings | undefined, here: string): string =>
  `${settings?.base_url ?? here}/l/${link.code}`;

/** A domain as people type it. */
export const domainOf = (text: string): string | null => {
  const bare = text.trim().replace(/\/+$/, '');
  if (bare === '') return null;
  return /^[a-z]+:\/\//i.test(bare) ? bare : `https://${bare}`;
};
