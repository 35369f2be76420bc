/** What rbtool's exit status means to a script. */
export const ExitStatus = {
  Fine: 0,
  /** Damage, losses or differences, where the command is one that reports them so. */
  Findings: 1,
  /** A command line that makes no sense, an input that cannot be read, an output that cannot be written. */
  Trouble: 2,
  /** The input was read but is no persistent trace buffer. */
  NotAnImage: 3,
  /** A fault in rbtool itself. */
  Bug: 4,
  /** Stopped by Ctrl-C, as shells say it. */
  Stopped: 130,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];
