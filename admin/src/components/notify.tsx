import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { ApiProblem } from '@/api/problem';

export function notifyDone(title: string, message?: string) {
  notifications.show({ title, message, color: 'green', icon: <IconCheck size={18} /> });
}

export function notifyProblem(title: string, problem: ApiProblem) {
  notifications.show({
    title,
    message: problem.requestId ? `${problem.message} (request ${problem.requestId})` : problem.message,
    color: 'red',
    icon: <IconAlertTriangle size={18} />,
    autoClose: 9000,
  });
}
