import { useLocalStorage } from '@mantine/hooks';
import { useState } from 'react';

const supported = () => 'Notification' in window;
const permitted = () => supported() && Notification.permission === 'granted';

/** Whether this browser shows an alert of the system when somebody starts to wait while the tab is out of sight. */
export function useDesktopAlerts() {
  const [wanted, setWanted] = useLocalStorage({
    key: 'frontdesk-desktop-alerts',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  // Permission is the browser's to change, so it is read anew, not remembered.
  const [, asked] = useState(0);
  const refused = supported() && Notification.permission === 'denied';
  return {
    available: supported() && !refused,
    refused,
    on: wanted && permitted(),
    set: async (on: boolean) => {
      if (on && !permitted()) await Notification.requestPermission();
      setWanted(on && permitted());
      asked((times) => times + 1);
    },
  };
}

export function showDesktopAlert(alert: { tag: string; title: string; body: string; onClick: () => void }) {
  if (!permitted()) return;
  const shown = new Notification(alert.title, { body: alert.body, tag: alert.tag, icon: '/admin/favicon.svg' });
  shown.onclick = () => {
    window.focus();
    shown.close();
    alert.onClick();
  };
}
