import { Button, Drawer, Group } from '@mantine/core';
import type { ReactNode } from 'react';

type FormDrawerProps = {
  /** Of the row that is open; `new` for one that is to be made. */
  id: string | undefined;
  onClose: () => void;
  newTitle: string;
  title: string;
  /** The form of a new row. */
  fresh: ReactNode;
  existing: (id: string) => ReactNode;
  size?: 'md' | 'xl';
};

/** A drawer with the form of a new row, or of one that is there. */
export function FormDrawer({ id, onClose, newTitle, title, fresh, existing, size = 'md' }: FormDrawerProps) {
  return (
    <Drawer
      opened={id !== undefined}
      onClose={onClose}
      position="right"
      size={size}
      title={id === 'new' ? newTitle : title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {id === 'new' && fresh}
      {id && id !== 'new' && existing(id)}
    </Drawer>
  );
}

type FormFootProps = { submit: string; saving: boolean; disabled?: boolean; onBack: () => void };

/** The way back without saving, and the way to save. */
export function FormFoot({ submit, saving, disabled, onBack }: FormFootProps) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onBack}>
        Back
      </Button>
      <Button type="submit" disabled={disabled} loading={saving}>
        {submit}
      </Button>
    </Group>
  );
}
