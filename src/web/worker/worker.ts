/**
 * The phone page's service worker: the installed app starts without a connection, and says so. Nothing that belongs to
 * a person passes through here: only the paths of the shell are answered, under keys without query or fragment.
 *
 * A new version waits until no page of the old one is open (no `skipWaiting`), so one page never runs two versions.
 */
import { answerPage, answerPart, isPart, keepShell, PAGE, removeOlder } from './shell.ts'

declare const self: ServiceWorkerGlobalScope

self.addEventListener('install', (event) => event.waitUntil(keepShell()))
self.addEventListener('activate', (event) => event.waitUntil(removeOlder()))
self.addEventListener('fetch', (event) => {
  const { request, clientId, resultingClientId } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    if (pathname === PAGE) event.respondWith(answerPage(request, resultingClientId))
  } else if (isPart(pathname)) event.respondWith(answerPart(request, pathname, clientId))
})
