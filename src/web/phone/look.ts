/** Looks at what the camera shows, frame after frame, until it is told to end. It only reads; what counts is told up. */
import type { Decoder, View } from './decode.ts'

/** Between two looks, at least: quick to the eye, and a phone stays cool. */
const LOOK_EVERY_MS = 60
/** A camera that gives no frame for this long is looked at all the same: not every browser tells of frames. */
const FRAME_LATE_MS = 250
const VIEWS: readonly View[] = ['middle', 'small', 'middle', 'whole']

/** @param onTexts called with the texts of every frame that has codes; ends when `signal` is aborted */
export async function lookThrough(
  video: HTMLVideoElement,
  decoder: Decoder,
  onTexts: (texts: string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth > 0) {
      // A frame that cannot be read (the source changed under it) is a frame without a code.
      const texts = await decoder.frame(video, VIEWS[turn % VIEWS.length] ?? 'whole').catch(() => [])
      if (signal.aborted) return
      if (texts.length > 0) onTexts(texts)
      await pause(LOOK_EVERY_MS)
    }
    await nextFrame(video)
  }
}

function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, FRAME_LATE_MS)
    if (!('requestVideoFrameCallback' in video)) return
    video.requestVideoFrameCallback(() => {
      clearTimeout(late)
      resolve()
    })
  })
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds))
}
