import { expect, it } from 'vitest';
import { mediaKind } from './media';

it('shows pictures, sound and film, and links to the rest', () => {
  expect(['image/jpeg', 'IMAGE/PNG', 'audio/ogg', 'video/mp4'].map(mediaKind)).toEqual([
    'image',
    'image',
    'audio',
    'video',
  ]);
  expect(['image/svg+xml', 'image/heic', 'application/pdf', ''].map(mediaKind)).toEqual([
    'file',
    'file',
    'file',
    'file',
  ]);
});
