import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './support';

/** What axe finds wrong with what is on screen. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    (v) =>
      `${v.id}: ${v.nodes
        .map((n) => n.target.join(' '))
        .slice(0, 3)
        .join(' | ')}`,
  );
}

/** Colours on their way from one scheme to the other have no contrast worth measuring. */
async function stillness(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const moving = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime !== Infinity);
    const still = Promise.allSettled(moving.map((animation) => animation.finished));
    // An animation whose element goes away while it waits for its first frame never finishes.
    await Promise.race([still, new Promise((resolve) => setTimeout(resolve, 5_000))]);
  });
}

/** Nothing is wrong with what is on screen, in both colours, wide and on a phone. */
export async function check(page: Page): Promise<void> {
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
      await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0);
      await stillness(page);
      expect(await axe(page), `${width} wide, ${colorScheme}`).toEqual([]);
    }
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `scrolls sideways when ${width} wide`).toBeLessThanOrEqual(0);
  }
}
