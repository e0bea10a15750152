export interface BrowseLabelInput {
  readonly productId: string;
  readonly volumeId: string;
  /** e.g. `lro-l-lroc-3-cdr` */
  readonly bundle: string;
  readonly bytes: number;
  readonly md5: string;
  readonly created: Date;
}

/** `<ID>_pyr.xml`: the PDS4 label of a browse image, laid out as the archive's. */
export function formatBrowseLabel(o: BrowseLabelInput): string {
  const id = o.productId.toLowerCase();
  const lid = `urn:nasa:pds:${o.bundle}:${o.volumeId.toLowerCase()}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="https://pds.nasa.gov/pds4/pds/v1/PDS4_PDS_1J00.sch" schematypens="http://purl.oclc.org/dsdl/schematron"?>

<Product_Browse
  xmlns="http://pds.nasa.gov/pds4/pds/v1"
  xmlns:pds="http://pds.nasa.gov/pds4/pds/v1"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://pds.nasa.gov/pds4/pds/v1 https://pds.nasa.gov/pds4/pds/v1/PDS4_PDS_1J00.xsd">
  <Identification_Area>
    <logical_identifier>${lid}_extras:browse.${id}</logical_identifier>
    <version_id>2.0</version_id>
    <title>Browse PTIF</title>
    <information_model_version>1.19.0.0</information_model_version>
    <product_class>Product_Browse</product_class>
  </Identification_Area>
  <Reference_List>
    <Internal_Reference>
      <lid_reference>${lid}_data:nac.${id}</lid_reference>
      <reference_type>browse_to_data</reference_type>
      <comment>This is a reference to the data file corresponding to this figure.</comment>
    </Internal_Reference>
  </Reference_List>
  <File_Area_Browse>
    <File>
      <file_name>${o.productId}_pyr.tif</file_name>
      <local_identifier>miscellaneous_file</local_identifier>
      <creation_date_time>${o.created.toISOString().slice(0, 19)}.000000Z</creation_date_time>
      <file_size unit="byte">${o.bytes}</file_size>
      <md5_checksum>${o.md5}</md5_checksum>
    </File>
    <Encoded_Image>
      <local_identifier>miscellaneous_browse</local_identifier>
      <offset unit="byte">0</offset>
      <encoding_standard_id>TIFF</encoding_standard_id>
    </Encoded_Image>
  </File_Area_Browse>
</Product_Browse>
`;
}
