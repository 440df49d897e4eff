import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#eef7f8',
  '#dcecee',
  '#b6d8dc',
  '#8bc3c9',
  '#62aab3',
  '#3f929c',
  '#1f7a86',
  '#14626d',
  '#0f4d56',
  '#0b3a42',
];
const brass: MantineColorsTuple = [
  '#fff7e6',
  '#fcebc8',
  '#f5d694',
  '#edbf5c',
  '#e6ab30',
  '#d6991a',
  '#b57d0c',
  '#85590a',
  '#684708',
  '#4d3508',
];
const red: MantineColorsTuple = [
  '#fdf0ee',
  '#f9dcd8',
  '#f0b6af',
  '#e88f85',
  '#dc6458',
  '#cf4c3f',
  '#b83a2e',
  '#982c22',
  '#76211a',
  '#571813',
];
const green: MantineColorsTuple = [
  '#ebf7f0',
  '#d3edde',
  '#a9dabd',
  '#7cc69a',
  '#54b17b',
  '#389b63',
  '#25814f',
  '#1a673e',
  '#134e2f',
  '#0d3821',
];
const blue: MantineColorsTuple = [
  '#edf3fb',
  '#d8e5f6',
  '#aecaea',
  '#8fb6e3',
  '#5d92d0',
  '#427bc0',
  '#3163a5',
  '#264f86',
  '#1c3b66',
  '#13294a',
];
const gray: MantineColorsTuple = [
  '#f5f8f8',
  '#ecf1f1',
  '#e0e7e8',
  '#d0d9da',
  '#b2bec0',
  '#87969a',
  '#566568',
  '#425053',
  '#2f3a3c',
  '#1c2526',
];
const dark: MantineColorsTuple = [
  '#d9e3e4',
  '#b9c7c9',
  '#92a5a8',
  '#667b7f',
  '#3a4e52',
  '#2a3c40',
  '#1c2b2e',
  '#152225',
  '#10191b',
  '#0b1214',
];

const sans =
  '"Inter Variable", Inter, ui-sans-serif, "Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, Roboto, "Noto Sans", "Liberation Sans", sans-serif';

const surface = {
  content: { background: 'var(--fd-surface)' },
  header: { background: 'var(--fd-surface)' },
  title: { fontWeight: 650, fontSize: '1.0625rem' },
};

// A dialog's <header> would count as a second page banner.
const noBanner = { header: { role: 'presentation' } };

export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol, brass, red, green, blue, gray, dark },
  black: '#142022',
  fontFamily: sans,
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontFamily: sans,
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  fontSizes: { xs: '0.78rem', sm: '0.875rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  radius: { xs: '4px', sm: '7px', md: '10px', lg: '14px', xl: '22px' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Paper: { defaultProps: { radius: 'lg' } },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        openDelay: 250,
        multiline: true,
        maw: 280,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Modal: { defaultProps: { centered: true, radius: 'lg', attributes: noBanner }, styles: surface },
    Drawer: { defaultProps: { attributes: noBanner }, styles: surface },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Button: { styles: { label: { fontWeight: 600 } } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f3f7f7',
    '--mantine-color-default': '#ffffff',
    '--mantine-color-default-border': gray[3],
    '--mantine-color-placeholder': gray[6],
    '--mantine-color-dimmed': gray[6],
    '--mantine-color-anchor': petrol[7],
    '--mantine-color-error': red[6],
    '--fd-surface': '#ffffff',
    '--fd-sunken': '#e9f0f0',
    '--fd-line': gray[2],
    '--fd-nav': '#0b3a42',
    '--fd-nav-line': 'transparent',
    '--fd-shadow': '0 1px 2px rgb(11 58 66 / 5%), 0 6px 20px -12px rgb(11 58 66 / 18%)',
  },
  dark: {
    '--mantine-color-body': '#0f181a',
    '--mantine-color-default': dark[6],
    '--mantine-color-placeholder': dark[2],
    '--mantine-color-dimmed': dark[2],
    '--mantine-color-anchor': petrol[3],
    '--mantine-color-error': red[3],
    '--fd-surface': '#162326',
    '--fd-sunken': '#0b1315',
    '--fd-line': '#243538',
    '--fd-nav': '#0b1416',
    '--fd-nav-line': '#1c2b2e',
    '--fd-shadow': '0 1px 2px rgb(0 0 0 / 30%)',
  },
});
