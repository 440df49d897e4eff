// Before the first paint, so a dark screen never flashes white. A file, not inline: it passes a strict content policy.
(() => {
  let chosen = null;
  try {
    chosen = window.localStorage.getItem('frontdesk-scheme');
  } catch {}
  const dark = chosen === 'dark' || (chosen !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
