import { expect } from "vitest";

/** What tests count and docs/figures.md says; each test fails where its count is another. */
export const figures = {
  neighbours: 8,
  commandsBesideNeighbours: 18,
  /** Moments of a kill, before and after each request, at least: how often a run polls is not always the same. */
  killPoints: { firstDeployment: 200, rotation: 40, bootstrap: 150, ownApp: 80 },
  /** The npm package, unpacked: at most. */
  package: { files: 230, kilobytes: 4500 },
} as const;

/** Fails where the page says more than was counted, or much less. */
export function expectKillPoints(run: keyof typeof figures.killPoints, counted: number): void {
  expect(counted).toBeGreaterThanOrEqual(figures.killPoints[run]);
  expect(counted).toBeLessThan(figures.killPoints[run] * 1.3);
}

/** Fails where the package is larger than the page says, or much smaller. */
export function expectPackage(counted: Readonly<Record<"files" | "kilobytes", number>>): void {
  for (const what of ["files", "kilobytes"] as const) {
    expect(counted[what]).toBeLessThanOrEqual(figures.package[what]);
    expect(counted[what]).toBeGreaterThan(figures.package[what] * 0.8);
  }
}
