import { AppError, type Upload } from '@contact360/server';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';

/**
 * The file of a multipart body as a stream. Other parts before it are skipped. Throws what decision 43 asks for: no
 * such field is `{"file": ["This field is required."]}`, a part without a file name 422.
 */
export async function receiveUpload(request: FastifyRequest, field: string): Promise<Upload> {
  const required = () =>
    new AppError('core.file_required', 400, `${field}: This field is required.`, {
      path: [field],
      fields: { [field]: ['This field is required.'] },
    });
  if (!request.isMultipart()) throw required();
  for await (const part of wellFormed(request.parts())) {
    if (part.fieldname !== field) {
      if (part.type === 'file') part.file.resume();
      continue;
    }
    if (part.type !== 'file' || !part.filename)
      throw new AppError('core.file_name_required', 422, 'File name is required');
    const { file, filename, mimetype } = part as MultipartFile;
    return { field, fileName: filename, mediaType: mimetype, bytes: wellFormed(file), truncated: () => file.truncated };
  }
  throw required();
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
