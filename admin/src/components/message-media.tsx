import { IconFile } from '@tabler/icons-react';
import { useState } from 'react';
import type { MessageMedia } from '@/api/types';
import { mediaKind } from '@/lib/media';
import classes from './message-media.module.css';

function Link({ media, n }: { media: MessageMedia; n: number }) {
  return (
    <a className={classes.file} href={media.url} target="_blank" rel="noreferrer noopener">
      <IconFile size={15} aria-hidden /> Open file {n + 1}
      {media.content_type && <small>{media.content_type}</small>}
    </a>
  );
}

function One({ media, n }: { media: MessageMedia; n: number }) {
  const [failed, setFailed] = useState(false);
  // What we sent lies anywhere: it is a link, so that looking at the thread asks nobody else for it.
  const kind = failed || !media.url.startsWith('/api/') ? 'file' : mediaKind(media.content_type);
  const shared = { src: media.url, onError: () => setFailed(true) };
  if (kind === 'image') {
    return (
      <a href={media.url} target="_blank" rel="noreferrer">
        <img className={classes.image} alt={`Attachment ${n + 1}`} loading="lazy" {...shared} />
      </a>
    );
  }
  if (kind === 'audio') {
    return <audio className={classes.sound} controls preload="none" aria-label={`Attachment ${n + 1}`} {...shared} />;
  }
  if (kind === 'video') {
    return <video className={classes.image} controls preload="none" aria-label={`Attachment ${n + 1}`} {...shared} />;
  }
  return <Link media={media} n={n} />;
}

/** The pictures and other files of a text. */
export function MessageMediaList({ media }: { media: readonly MessageMedia[] }) {
  if (media.length === 0) return null;
  return (
    <div className={classes.media} data-testid="message-media">
      {media.map((one, n) => (
        <One key={one.url} media={one} n={n} />
      ))}
    </div>
  );
}
