/** The phone's camera: one stream at a time, its light, and its end. Every track is stopped by `stop`, however early. */

export type CameraProblem = 'denied' | 'none' | 'busy' | 'insecure'

export interface Camera {
  /** Opens the camera that looks away from the person and shows it in `video`. Null: it runs, or was stopped meanwhile. */
  start: (video: HTMLVideoElement) => Promise<CameraProblem | null>
  stop: () => void
  /** Whether there is a light that can be switched. */
  hasTorch: () => boolean
  /** Switches the light. @returns whether it is on now */
  setTorch: (on: boolean) => Promise<boolean>
}

/** `torch` is of the Image Capture specification, which TypeScript's DOM does not know. */
function hasTorchOf(track: MediaStreamTrack | undefined): boolean {
  const capabilities: MediaTrackCapabilities & { torch?: boolean } = track?.getCapabilities?.() ?? {}
  return capabilities.torch === true
}

/** @param onLost called when the camera goes away by itself (unplugged, or taken by the system) */
export function createCamera(onLost: () => void): Camera {
  let stream: MediaStream | null = null
  let turn = 0

  return {
    async start(video) {
      stop()
      const mine = turn
      if (navigator.mediaDevices === undefined) return 'insecure'
      try {
        const opened = await navigator.mediaDevices.getUserMedia({
          audio: false,
          video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } },
        })
        if (mine !== turn) {
          stopTracks(opened)
          return null
        }
        stream = opened
        opened.getVideoTracks()[0]?.addEventListener('ended', () => {
          if (mine === turn) onLost()
        })
        video.srcObject = opened
        await video.play()
        return null
      } catch (error) {
        // `play` is refused with AbortError when the screen is left at that moment: nothing to tell then.
        if (mine !== turn) return null
        stop()
        return problemOf(error)
      }
    },
    stop,
    hasTorch: () => hasTorchOf(track()),
    async setTorch(on) {
      const present = track()
      if (!hasTorchOf(present)) return false
      try {
        await present?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] })
        return on
      } catch {
        return !on
      }
    },
  }

  function stop(): void {
    turn++
    if (stream !== null) stopTracks(stream)
    stream = null
  }

  function track(): MediaStreamTrack | undefined {
    return stream?.getVideoTracks()[0]
  }
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

function problemOf(error: unknown): CameraProblem {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none'
  return 'busy'
}
