import { Button, Checkbox, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { http } from '@/api/client';
import { knowledgeChanged } from '@/api/invalidate';
import { toProblem } from '@/api/problem';
import { notifyDone, notifyProblem } from '@/components/notify';
import { type EntryBody, USUAL } from './drafts';
import classes from './knowledge.module.css';

/** For an empty list: what everyone is asked, as drafts that are off until they are filled in. */
export function UsualEntries() {
  const client = useQueryClient();
  const [chosen, setChosen] = useState(() => USUAL.map((e) => e.title));
  const add = useMutation({
    mutationFn: async (entries: EntryBody[]) => {
      // One after the other, so that they stand in this order.
      for (const body of entries) await http.POST('/api/knowledge', { body });
    },
    onSuccess: () => notifyDone('Drafts added', 'Fill in the brackets, then switch each one on.'),
    onError: (error) => notifyProblem('Couldn’t add all of the drafts', toProblem(error)),
    onSettled: () => knowledgeChanged(client),
  });
  return (
    <div className={classes.usual}>
      <Checkbox.Group label="Start with what everyone is asked" value={chosen} onChange={setChosen}>
        <Stack gap={8} mt={8}>
          {USUAL.map(({ title, answer_en }) => (
            <Checkbox key={title} value={title} label={title} description={answer_en} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Button
        mt="md"
        leftSection={<IconPlus size={16} />}
        disabled={chosen.length === 0}
        loading={add.isPending}
        onClick={() => add.mutate(USUAL.filter((e) => chosen.includes(e.title)))}
      >
        {chosen.length === 1 ? 'Add 1 draft' : `Add ${chosen.length} drafts`}
      </Button>
    </div>
  );
}
