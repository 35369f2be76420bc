import type { Image } from "../../image/image.js";
import { isUnread, type ReadingContents, readingContents, readWalked, takeOverReading } from "../../reading/reading.js";
import type { Rare } from "../../reading/subbuf-table.js";
import { HelpedWalk, SubbufWalk, type WalkContents } from "../../reading/subbuf-walk.js";
import type { Starter } from "../../threads.js";
import { help, SharedTasks, sendOn } from "./tasks.js";
import type { Team } from "./team.js";

/** The walk as a thread does it: what few sub-buffers have is told, or noted already where it is to be. */
interface WalkTasks {
  begin(contents: WalkContents): void;
  walk(piece: number): Rare | "noted";
  readonly [name: string]: (given: never) => unknown;
}

/** Reads an image with all threads: each walks some of its sub-buffers, this one judges them. */
export async function readTogether(image: Image, team: Team): Promise<void> {
  if (!isUnread(image)) return;
  const walk = new SubbufWalk(image);
  const shared = new SharedTasks<WalkTasks>(team, {
    begin() {},
    walk(piece) {
      walk.walk(piece);
      return "noted";
    },
  });
  shared.each("begin", walk.contents);
  await shared.share("walk", {
    count: walk.count,
    given: (piece) => piece,
    async take(rare, piece) {
      if (rare !== "noted") walk.adopt(piece, rare);
    },
  });
  readWalked(image, walk);
}

/** Tells the other threads what can be believed; they go on with the command. */
export function tellReading(image: Image, team: Team): void {
  sendOn(team, readingContents(image));
}

/** Walks what the thread that started this one asks for, until that knows what can be believed. */
export async function helpReading(image: Image, starter: Starter): Promise<void> {
  let walk = new HelpedWalk(image, []);
  const tasks: WalkTasks = {
    begin(contents) {
      walk = new HelpedWalk(image, contents);
    },
    walk: (piece) => walk.walk(piece),
  };
  takeOverReading(image, await help<ReadingContents>(tasks, starter));
}
