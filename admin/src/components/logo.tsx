import classes from './logo.module.css';

/** The desk bell whose dome is a speech bubble: three dots inside, brass below. */
export function LogoMark({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className={classes.mark}>
      <path d="M6.5 20.5a9.5 9.5 0 0 1 19 0z" fill="currentColor" />
      <rect x="5" y="22" width="22" height="2.8" rx="1.4" className={classes.brass} />
      <circle cx="16" cy="8.6" r="2" className={classes.brass} />
      <g className={classes.dots}>
        <circle cx="11.9" cy="16.8" r="1.25" />
        <circle cx="16" cy="16.8" r="1.25" />
        <circle cx="20.1" cy="16.8" r="1.25" />
      </g>
    </svg>
  );
}

export function Logo({ size = 32 }: { size?: number }) {
  return (
    <span className={classes.logo}>
      <LogoMark size={size} />
      <span className={classes.word}>Frontdesk</span>
    </span>
  );
}
