import type { Image } from "../../image/image.js";
import { isUnread, type ReadingContents, readingContents, readWalked, takeOverReading } from "../../reading/reading.js";
import type { Rare } from "../../reading/subbuf-table.js";
import { HelpedWalk, SubbufWalk, type WalkContents } from "../../reading/subbuf-walk.js";
import type { Starter } from "../../threads.js";
import type { Said, Team } from "./team.js";

/** What is told to a thread, or asked of it. */
type Asked =
  | { readonly walk: WalkContents }
  | { readonly piece: number }
  /** What can be believed in the end. */
  | { readonly reading: ReadingContents };

/** Reads an image with all threads: each walks some of its sub-buffers, this one judges them. */
export async function readTogether(image: Image, team: Team): Promise<void> {
  if (!isUnread(image)) return;
  const walk = new SubbufWalk(image);
  team.tell({ walk: walk.contents } satisfies Asked);
  await team.run<Rare | "noted">({
    count: walk.count,
    ask: (thread, piece) => thread.post({ piece } satisfies Asked),
    make(piece) {
      walk.walk(piece);
      return "noted";
    },
    async take(rare, piece) {
      if (rare !== "noted") walk.adopt(piece, rare);
    },
  });
  readWalked(image, walk);
}

/** Tells the other threads what can be believed; they go on with the command. */
export function tellReading(image: Image, team: Team): void {
  team.sendOn({ reading: readingContents(image) } satisfies Asked);
}

/** Walks what the thread that started this one asks for, until that knows what can be believed. */
export async function helpReading(image: Image, starter: Starter): Promise<void> {
  let walk = new HelpedWalk(image, []);
  starter.post({ ready: true } satisfies Said);
  for (;;) {
    const asked = (await starter.next()) as Asked;
    if ("reading" in asked) return takeOverReading(image, asked.reading);
    if ("walk" in asked) walk = new HelpedWalk(image, asked.walk);
    else starter.post({ number: asked.piece, result: walk.walk(asked.piece) } satisfies Said);
  }
}
