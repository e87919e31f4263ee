import { AppError, coreErrors, type Upload } from '@contact360/server';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';

/** Field names, texts and headers of a multipart body are small; only the file itself is large. */
export const MULTIPART_LIMITS = { fieldSize: 2 ** 20, fields: 50, files: 5, headerPairs: 50 };

/**
 * The file of a multipart body as a stream, with the texts of its other fields. Throws what decision 43 asks for: no
 * such field is `{"file": ["This field is required."]}`, a part without a file name 422.
 */
export async function receiveUpload(request: FastifyRequest, field: string): Promise<Upload> {
  const required = () =>
    new AppError('core.file_required', 400, `${field}: This field is required.`, {
      path: [field],
      fields: { [field]: ['This field is required.'] },
    });
  if (!request.isMultipart()) throw required();
  const parts = wellFormed(request.parts());
  const texts = new Map<string, string>();
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value;
    if (part.fieldname !== field) {
      setAside(part, texts);
      continue;
    }
    if (part.type !== 'file' || !part.filename)
      throw new AppError('core.file_name_required', 422, 'File name is required');
    const { file, filename, mimetype } = part as MultipartFile;
    return {
      field,
      fileName: filename,
      mediaType: mimetype,
      bytes: wellFormed(file),
      truncated: () => file.truncated,
      fields: async () => {
        for await (const later of parts) setAside(later, texts);
        return Object.fromEntries(texts);
      },
    };
  }
  throw required();
}

/** Keeps the text of a part that is not the file that is asked for. */
function setAside(part: Multipart, texts: Map<string, string>): void {
  if (part.type === 'file') return void part.file.resume();
  if (part.valueTruncated) throw coreErrors.payload_too_large({ limit: MULTIPART_LIMITS.fieldSize });
  texts.set(part.fieldname, String(part.value));
}

/** The parser's complaints about a body that breaks off or is no multipart at all are the client's fault. */
async function* wellFormed<T>(parts: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* parts;
  } catch (error) {
    if (error instanceof AppError || 'statusCode' in (error as object)) throw error;
    throw new AppError(
      'core.malformed_multipart',
      400,
      `The multipart body cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
