import { Alert, Button } from '@mantine/core';
import { type FormValidateInput, useForm } from '@mantine/form';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { courseOf, type Versioned } from '@/lib/course';

/**
 * A form over a row of the server, which is refreshed behind it. `row` is the one to save over, with the version to send. After a conflict
 * `newer` is there: what somebody else made of it. `goOn` fills the form from a row: that one, or the one just saved.
 */
export function useRowForm<Row extends Versioned | undefined, Values extends Record<string, unknown>>(
  live: Row,
  valuesOf: (row: Row) => Values,
  validate?: FormValidateInput<Values>,
) {
  const [opened, setOpened] = useState(live);
  const form = useForm<Values>({ initialValues: valuesOf(opened), validate });
  const course = courseOf(opened, live, form.values, valuesOf);
  const goOn = (row: Row) => {
    setOpened(row);
    form.setInitialValues(valuesOf(row));
    form.reset();
  };
  const follow = useEffectEvent(goOn);
  useEffect(() => {
    if (course === 'follow') follow(live);
  }, [course, live]);
  return {
    form,
    row: course === 'carry' ? live : opened,
    newer: course === 'conflict' ? live : undefined,
    goOn,
  };
}

/** Above a form whose row somebody else changed while this one was typed. */
export function ChangedMeanwhile({ onLoad }: { onLoad: () => void }) {
  return (
    <Alert color="yellow" variant="light" title="Somebody else changed it" role="alert" data-testid="conflict">
      Load it again to go on from what is there now. What you typed here is lost by that.
      <div>
        <Button mt="sm" size="xs" leftSection={<IconRefresh size={15} />} onClick={onLoad}>
          Load again
        </Button>
      </div>
    </Alert>
  );
}
