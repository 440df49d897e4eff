import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconBrandWhatsapp } from '@tabler/icons-react';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { toProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import type { TemplatePreview } from '@/api/types';
import { ContactSelect } from '@/components/contact-select';
import { costWords, culpritWords } from '@/lib/text-check';
import { previewOf, type TemplateValues, warningsFor } from './drafts';
import classes from './templates.module.css';

const PAUSE = 350;

type Shown = TemplatePreview['variants'][number];

function Trouble({ children, id }: { children: React.ReactNode; id: string }) {
  return (
    <p className={classes.trouble} data-testid={id}>
      <IconAlertTriangle size={15} aria-hidden />
      <span>{children}</span>
    </p>
  );
}

function Reading({ shown, whatsapp }: { shown: Shown; whatsapp: boolean }) {
  const { text, preview, syntax, fault } = shown;
  const parts = preview?.segments.parts ?? 0;
  return (
    <>
      {syntax && (
        <Trouble id="template-syntax">
          Line {syntax.line}, column {syntax.column}: {syntax.message}
        </Trouble>
      )}
      {fault && <Trouble id="template-fault">Would not be sent: {fault.message}.</Trouble>}
      {text && (
        <p className={classes.bubble} data-testid="template-text">
          {text}
        </p>
      )}
      {preview && (
        <p className={classes.facts} data-testid="template-parts">
          {preview.characters} characters{whatsapp ? '' : `, ${parts} SMS`}
          {costWords(preview) && ` · ${costWords(preview)}`}
        </p>
      )}
      {preview && !whatsapp && preview.segments.culprits.length > 0 && (
        <p className={classes.facts} data-testid="template-culprit">
          {culpritWords(preview)}
        </p>
      )}
    </>
  );
}

function Contents({ contents }: { contents: TemplatePreview['whatsapp'] }) {
  return contents.map((content) => (
    <div key={content.whatsapp_template_id}>
      <p className={classes.facts}>
        <IconBrandWhatsapp size={14} aria-hidden /> {content.name} ({content.language})
        {content.chosen && ', which they would be sent outside WhatsApp’s 24 hours'}
      </p>
      {content.text && (
        <p className={classes.bubble} lang={content.language.slice(0, 2)}>
          {content.text}
        </p>
      )}
      {content.error && <Trouble id="template-content-error">{content.error}</Trouble>}
      {content.fault && <Trouble id="template-content-fault">Would not be sent: {content.fault.message}.</Trouble>}
    </div>
  ));
}

/** What is written as a contact would read it, and what is to be known before many do. */
export function Look({ values, open }: { values: TemplateValues; open: number }) {
  const [contact, setContact] = useState<string | null>(null);
  const sees = useMay('contacts.read');
  const [settled] = useDebouncedValue(JSON.stringify(previewOf(values, contact)), PAUSE);
  const body = JSON.parse(settled) as ReturnType<typeof previewOf>;
  const { data, error } = api.useQuery(
    'post',
    '/api/templates/preview',
    { body },
    {
      enabled: body.variants.length > 0,
      placeholderData: keepPreviousData,
      staleTime: 30_000,
      gcTime: 30_000,
      retry: false,
    },
  );
  const key = values.variants[open]?.key ?? 'A';
  const written = values.variants[open]?.body.trim() !== '';
  const shown = written && body.variants.length > 0 ? data?.variants.find((variant) => variant.key === key) : undefined;
  const warnings = shown ? warningsFor(data?.warnings ?? [], key) : [];
  return (
    <section className={classes.look} aria-label="Preview">
      {sees ? (
        <div className={classes.reader}>
          <ContactSelect
            label="As read by"
            placeholder="Ana Reed (made up)"
            clearable
            value={contact}
            onChange={setContact}
          />
        </div>
      ) : (
        <p className={classes.facts}>As read by {data?.recipient ?? 'Ana Reed'}, who is made up.</p>
      )}
      <div aria-live="polite">
        {!written && <p className={classes.facts}>What you write is shown here as a contact would read it.</p>}
        {error && <Trouble id="template-problem">{toProblem(error).message}</Trouble>}
        {shown && <Reading shown={shown} whatsapp={values.channel === 'whatsapp'} />}
        {shown && data && <Contents contents={data.whatsapp} />}
        {warnings.length > 0 && (
          <ul className={classes.warnings} aria-label="Warnings">
            {warnings.map((warning) => (
              <li key={`${warning.code} ${warning.message}`} data-testid="template-warning" data-code={warning.code}>
                <IconAlertTriangle size={15} aria-hidden />
                <span>{warning.message}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
