import classes from './templates.module.css';

const EXAMPLES = [
  ['{{ first_name | default("there") }}', 'A value, and what stands there where it is not known'],
  ['{first_name}', 'The same without a default: who has none is not sent the text'],
  ['{{ last_name | title }}', 'upper, lower or title: O’BRIEN as O’Brien'],
  ['{{ custom.due | date }}', 'Tuesday, December 1; or date("%b %-d"): Dec 1'],
  ['{{ custom.due | time }}', '3:30 PM, by the contact’s own clock'],
  ['{% if tag("vip") %}…{% else %}…{% endif %}', 'One text for some, another for the rest'],
  ['{% if custom.plan == "gold" and not email %}…{% endif %}', 'Compare with ==, !=, <, >; join with and, or, not'],
  ['{% if now | time("%H") < 12 %}Good morning{% endif %}', 'By the time of day where they are'],
  ['{{ link("https://example.com/offer") }}', 'A link that a campaign may count'],
] as const;

/** The language of templates on one page. */
export function SyntaxHelp() {
  return (
    <details className={classes.help}>
      <summary>What can be written</summary>
      <dl>
        {EXAMPLES.map(([code, meaning]) => (
          <div key={code}>
            <dt>
              <code>{code}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
