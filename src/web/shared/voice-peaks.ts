/** How loud a voice message is along its way, for the bars that stand for it: fetched and heard through once. */
import type { Media } from '../../protocol/model.ts'

/** As many bars as a bubble has room for. */
export const BARS = 44
/** Some minutes of voice; what is larger is left to those who play it. */
const LARGEST_BYTES = 1_000_000
/** Samples in a second: enough to tell how loud it is. */
const RATE = 8_000

const known = new Map<string, Promise<readonly number[]>>()

/** From 0 to 1, {@link BARS} of them, the loudest 1; none where it cannot be told. */
export function peaksOf(media: Media): Promise<readonly number[]> {
  if (media.bytes > LARGEST_BYTES) return Promise.resolve([])
  const peaks = known.get(media.id) ?? listen(media.url)
  known.set(media.id, peaks)
  return peaks.catch(() => {
    known.delete(media.id)
    return []
  })
}

async function listen(url: string): Promise<readonly number[]> {
  const answer = await fetch(url)
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await answer.arrayBuffer())
  return peaksIn(sound.getChannelData(0))
}

/** Pure. */
export function peaksIn(samples: Float32Array): readonly number[] {
  const step = samples.length / BARS
  const powers = Array.from({ length: BARS }, (_, bar) => {
    const part = samples.subarray(Math.floor(bar * step), Math.ceil((bar + 1) * step))
    return Math.sqrt(part.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, part.length))
  })
  const loudest = Math.max(...powers)
  return powers.map((power) => (loudest === 0 ? 0 : power / loudest))
}
