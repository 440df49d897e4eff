import { Alert } from '@mantine/core';
import { IconPlayerPause } from '@tabler/icons-react';
import type { Campaign, CampaignBooks } from '@/api/types';
import { Card } from '@/components/page';
import { doneOf } from './books';
import { BooksTable } from './books-table';
import classes from './campaigns.module.css';
import { Deeds, StepFigures, VariantFigures } from './figures';
import { OverTime } from './over-time';
import { PlanWords } from './plan-words';
import { ProgressBar } from './progress-bar';
import { Targets } from './targets';
import { people } from './words';

/** A campaign that has begun: where everybody stands, and what came of it. */
export function Course({ campaign, books }: { campaign: Campaign; books: CampaignBooks }) {
  const running = campaign.state === 'running';
  return (
    <div className={classes.stacked}>
      {campaign.pause_reason && (
        <Alert color="red" icon={<IconPlayerPause />} role="alert" title="It paused itself" data-testid="pause-reason">
          {campaign.pause_reason}
        </Alert>
      )}
      <Card>
        <ProgressBar books={books} label="How far it is" big />
        <p className={classes.facts} data-testid="done">
          {campaign.frozen_at || !running
            ? `${Math.floor(doneOf(books))}% done, ${books.segments.toLocaleString('en-US')} segments so far.`
            : `The audience is being noted down: ${people(books.audience)} so far.`}
        </p>
      </Card>
      <div className={classes.columns}>
        <div className={classes.column}>
          <Card title="What they did">
            <Deeds books={books} />
          </Card>
          <OverTime campaign={campaign} />
          <Card title="Texts">
            <StepFigures campaign={campaign} books={books} />
          </Card>
          {(books.variants.length > 1 || campaign.winner) && (
            <Card title="Variants">
              <VariantFigures campaign={campaign} books={books} />
            </Card>
          )}
          <Card title="Plan">
            <PlanWords campaign={campaign} />
          </Card>
        </div>
        <Card title="Where everybody stands">
          <BooksTable books={books} />
        </Card>
      </div>
      <Targets campaign={campaign} books={books} />
    </div>
  );
}
