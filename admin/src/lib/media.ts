// How a file of a text is shown.

/** By its MIME type; what is none of these is a link. The server gives out only kinds that cannot run code. */
export function mediaKind(contentType: string): 'image' | 'audio' | 'video' | 'file' {
  const [kind = '', rest = ''] = contentType.toLowerCase().split('/');
  if (kind === 'image') return /^(jpeg|png|gif|webp)$/.test(rest) ? 'image' : 'file';
  return kind === 'audio' || kind === 'video' ? kind : 'file';
}
