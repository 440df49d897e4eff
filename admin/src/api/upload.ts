// A file as the body of a request, with word of how much of it has left. fetch does not tell that.
import { type ApiProblem, problemFromResponse, toProblem, unreachable } from './problem';
import type { ImportPreview } from './types';

/** Sends a file of contacts as it is. `onProgress` gets the part that has left, 0 to 1. */
export function uploadContacts(
  file: File,
  onProgress: (part: number) => void,
  signal: AbortSignal,
): Promise<ImportPreview> {
  const path = `/api/contacts/import/preview?file_name=${encodeURIComponent(file.name.slice(0, 200))}`;
  const request = new XMLHttpRequest();
  return new Promise((resolve, reject: (problem: ApiProblem) => void) => {
    request.open('POST', path);
    // What browsers call a CSV differs from system to system.
    request.setRequestHeader('content-type', 'text/csv');
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener('error', () => reject(unreachable()));
    request.addEventListener('abort', () => reject(toProblem(new Error('Stopped.'))));
    request.addEventListener('load', () => {
      const { status, responseText } = request;
      if (status >= 200 && status < 300) return resolve(JSON.parse(responseText) as ImportPreview);
      const headers = { 'x-request-id': request.getResponseHeader('x-request-id') ?? '' };
      void problemFromResponse(new Response(responseText, { status: status || 503, headers })).then(reject);
    });
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
