import { InputError } from "../../ground/errors.js";
import { latin1 } from "../../ground/latin1.js";
import type { Allowance } from "../budget.js";
import { ByteStream } from "../byte-stream.js";
import type { Source } from "../source.js";
import { type Part, unpackedPieces } from "../unpack/pieces.js";
import { arMembers } from "./ar.js";
import { tarMembers } from "./tar.js";

/** A Debian package (deb(5)): what it installs, data.tar, and what is said of it, control.tar, each packed in one of several ways. */

const MAX_CONTROL = 64 * 1024;

export function debPart(source: Source, part: "control" | "data"): Part {
  for (const { name, start, size } of arMembers(source))
    if (name.startsWith(`${part}.tar`)) return { source, start, size };
  throw new InputError(`it is an ar archive, but not a Debian package: it has no ${part}.tar`);
}

/** Names of the packages that it depends on (deb-control(5)); of those of which one of several will do, none. */
export async function debDepends(source: Source, allowance: Allowance): Promise<readonly string[]> {
  const archive = new ByteStream(unpackedPieces(debPart(source, "control"), allowance));
  try {
    for await (const { path, size, content } of tarMembers(archive)) {
      if (path.replace(/^\.\//, "") !== "control") continue;
      const control = latin1(await content.take(Math.min(size, MAX_CONTROL)));
      // A field goes on in lines that begin with white space.
      const [, depends = ""] = /^Depends:(.*(?:\n[ \t].*)*)/im.exec(control) ?? [];
      return depends
        .split(",")
        .filter((one) => !one.includes("|"))
        .flatMap((one) => /^\s*([a-z0-9][a-z0-9+.-]*)/.exec(one)?.[1] ?? []);
    }
    return [];
  } finally {
    await archive.close();
  }
}
