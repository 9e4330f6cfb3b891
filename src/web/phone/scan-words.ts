/** What the scan screen offers instead of a camera: a picture or a code (`picture`), else to try again. */
import type { StringKey } from '../shared/text.ts'
import type { CameraProblem } from './camera.ts'

export type ScanProblem = CameraProblem | 'decoder'

interface ProblemWords {
  title: StringKey
  body: StringKey
  picture: boolean
}

export const PROBLEMS: Readonly<Record<ScanProblem, ProblemWords>> = {
  denied: { title: 'phone.cam.denied.title', body: 'phone.cam.denied.body', picture: true },
  none: { title: 'phone.cam.none.title', body: 'phone.cam.none.body', picture: true },
  busy: { title: 'phone.cam.busy.title', body: 'phone.cam.busy.body', picture: false },
  insecure: { title: 'phone.cam.insecure.title', body: 'phone.cam.insecure.body', picture: true },
  decoder: { title: 'phone.cam.decoder.title', body: 'phone.cam.decoder.body', picture: false },
}
