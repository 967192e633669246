"""Checks a Factur-X invoice with the package of its makers' standard.

  facturx_check.py FILE.pdf < FILE.xml

The XML must pass the schema of its profile, and the PDF must hold the very same XML. Prints flavour, profile, number,
type and total, as they were read.
"""

import sys

from facturx import get_flavor, get_level, get_xml_from_pdf, xml_check_xsd
from lxml import etree

xml = sys.stdin.buffer.read()
xml_check_xsd(xml)
with open(sys.argv[1], "rb") as file:
    name, inside = get_xml_from_pdf(file.read(), check_xsd=True)
assert name == "factur-x.xml", name
assert inside == xml, "the PDF holds other XML"
root = etree.fromstring(xml)
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
RSM = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}"
document = root.find(f"{RSM}ExchangedDocument")
total = root.find(f".//{RAM}GrandTotalAmount")
print(get_flavor(root), get_level(root), document.findtext(f"{RAM}ID"), document.findtext(f"{RAM}TypeCode"), total.text)
