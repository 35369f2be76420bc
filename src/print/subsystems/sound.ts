import { type Calls, words } from "../call.js";

/** include/sound/pcm.h snd_pcm_direction_name(): SNDRV_PCM_STREAM_PLAYBACK is 0. */
export const SOUND_CALLS: Calls = {
  snd_pcm_direction_name: words((direction) => (direction === 0 ? "Playback" : "Capture"), 1),
};
