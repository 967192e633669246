"""Checks Factur-X invoices with the package of its makers' standard.

  facturx_check.py FILE.pdf...

Beside each PDF lies its XML, as FILE.xml. It must pass the schema of its profile and the rules that are published beside
it (sums, categories of tax, code lists), and the PDF must hold the very same XML. Prints a line for each: flavour, profile,
number, type and total, as they were read.
"""

import sys
from pathlib import Path

import facturx
from facturx import get_flavor, get_level, get_xml_from_pdf, xml_check_xsd
from lxml import etree
from saxonche import PySaxonProcessor

RULES = Path(facturx.__file__).parent / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
RSM = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}"


def broken_rules(saxon, rules, xml):
    """The package would ask a server for this; the same rules run here."""
    report = rules.transform_to_string(xdm_node=saxon.parse_xml(xml_text=xml.decode()))
    report = etree.fromstring(report.encode())
    fired = sum(1 for _ in report.iter(f"{SVRL}fired-rule"))
    assert fired > 20, f"only {fired} rules were looked at"
    return [" ".join("".join(failed.itertext()).split()) for failed in report.iter(f"{SVRL}failed-assert")]


def check(pdf, saxon, rules):
    xml = pdf.with_suffix(".xml").read_bytes()
    xml_check_xsd(xml)
    broken = broken_rules(saxon, rules, xml)
    assert not broken, "\n".join(broken)
    name, inside = get_xml_from_pdf(pdf.read_bytes(), check_xsd=True)
    assert name == "factur-x.xml", name
    assert inside == xml, "the PDF holds other XML"
    root = etree.fromstring(xml)
    document = root.find(f"{RSM}ExchangedDocument")
    number, kind = document.findtext(f"{RAM}ID"), document.findtext(f"{RAM}TypeCode")
    print(get_flavor(root), get_level(root), number, kind, root.findtext(f".//{RAM}GrandTotalAmount"))
    return xml


with PySaxonProcessor(license=False) as saxon:
    rules = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))
    for pdf in sys.argv[1:]:
        xml = check(Path(pdf), saxon, rules)
        # The rules bite: a total that is not the sum is found.
        total = etree.fromstring(xml).findtext(f".//{RAM}GrandTotalAmount")
        wrong = xml.replace(f"<ram:GrandTotalAmount>{total}<".encode(), b"<ram:GrandTotalAmount>0.01<")
        assert broken_rules(saxon, rules, wrong), "a wrong total broke no rule"
