/** The emulated tenant's time: real time plus an offset, or standing still, so that tests need no sleep. */
export interface Clock {
  now(): Date;
  /** Moves the clock; negative goes back. */
  advance(milliseconds: number): void;
  set(instant: Date): void;
}

/** @param startAt Default: the machine's time. The clock then runs on at the machine's pace. */
export function runningClock(startAt?: Date): Clock {
  let offset = startAt === undefined ? 0 : startAt.getTime() - Date.now();
  return {
    now: () => new Date(Date.now() + offset),
    advance: (milliseconds) => {
      offset += milliseconds;
    },
    set: (instant) => {
      offset = instant.getTime() - Date.now();
    },
  };
}

/** A clock that moves only when told. */
export function frozenClock(at: Date): Clock {
  let now = at.getTime();
  return {
    now: () => new Date(now),
    advance: (milliseconds) => {
      now += milliseconds;
    },
    set: (instant) => {
      now = instant.getTime();
    },
  };
}
